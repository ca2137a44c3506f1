import { NotThere } from "@/components/shell/not-there";

/** For addresses that no route knows. */
export default function NotFound() {
  return (
    <main>
      <NotThere />
    </main>
  );
}
