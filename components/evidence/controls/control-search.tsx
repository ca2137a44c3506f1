import Form from "next/form";
import { Button } from "@/components/ui/form/button";
import { TextField } from "@/components/ui/form/fields";
import styles from "./controls.module.css";

/** Finds controls by id, older id or word. Works without JavaScript. */
export function ControlSearch({ q }: { q: string }) {
  return (
    <Form action="/evidence/controls" scroll={false} className={styles.search} role="search">
      <TextField name="q" type="search" label="Find a control" placeholder="NHI7, AC-2(3), PR.AC-4, passwords" defaultValue={q} key={q} />
      <Button type="submit">Find</Button>
    </Form>
  );
}
