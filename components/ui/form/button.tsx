import type { Route } from "next";
import Link from "next/link";
import type { ComponentPropsWithRef, ReactNode } from "react";
import styles from "./button.module.css";

type Look = {
  /** `primary` at most once a page; `danger` for what cannot be taken back; `quiet` has no border. */
  kind?: "primary" | "default" | "danger" | "quiet";
  size?: "default" | "small";
  /** Stretches to the width it is given. */
  wide?: boolean;
};

type ButtonProps = Look & ComponentPropsWithRef<"button">;

/** A verb with its object: "End session". A submit button only when it says so. */
export function Button({ kind = "default", size = "default", wide, className, type = "button", ...rest }: ButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      className={className ? `${styles.button} ${className}` : styles.button}
      data-kind={kind}
      data-size={size}
      data-wide={wide || undefined}
    />
  );
}

type ButtonLinkProps<Href extends string> = Look & {
  href: Route<Href>;
  children: ReactNode;
  /** Keyboard focus goes here at first. */
  autoFocus?: boolean;
};

/** A link that looks like a button: it leads somewhere, it does not do anything. */
export function ButtonLink<Href extends string>({
  kind = "default",
  size = "default",
  wide,
  ...rest
}: ButtonLinkProps<Href>) {
  return (
    <Link {...rest} prefetch={false} className={styles.button} data-kind={kind} data-size={size} data-wide={wide || undefined} />
  );
}
