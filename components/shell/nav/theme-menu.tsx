"use client";

import { type MantineColorScheme, useMantineColorScheme } from "@mantine/core";
import { IconCheck, IconDeviceDesktop, IconMoon, IconSun } from "@tabler/icons-react";
import { useSyncExternalStore } from "react";
import menu from "@/components/ui/overlay/menu.module.css";
import { Popover } from "@/components/ui/overlay/popover";
import styles from "./top-bar.module.css";

const choices = [
  { value: "light", label: "Light", icon: IconSun },
  { value: "dark", label: "Dark", icon: IconMoon },
  { value: "auto", label: "As the system", icon: IconDeviceDesktop },
] as const satisfies readonly { value: MantineColorScheme; label: string; icon: typeof IconSun }[];

const never = () => () => {};

/** Light, dark, or as the system. Applied before the first paint by the script in the page's head. */
export function ThemeMenu() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  // The server does not know what this browser has chosen.
  const isHydrated = useSyncExternalStore(never, () => true, () => false);
  const current = isHydrated ? colorScheme : "auto";
  const Icon = choices.find(({ value }) => value === current)?.icon ?? IconSun;
  return (
    <Popover
      label={<Icon size={18} stroke={1.75} aria-hidden />}
      name="Theme"
      align="end"
      buttonClassName={styles.sign}
    >
      {(closing) =>
        choices.map(({ value, label, icon: ChoiceIcon }) => (
          <button
            key={value}
            {...closing}
            type="button"
            className={menu.item}
            aria-pressed={value === current}
            onClick={() => setColorScheme(value)}
          >
            <ChoiceIcon size={16} stroke={1.75} aria-hidden />
            {label}
            {value === current ? <IconCheck size={14} aria-hidden className={menu.aside} /> : null}
          </button>
        ))
      }
    </Popover>
  );
}
