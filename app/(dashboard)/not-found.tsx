import { NotThere } from "@/components/shell/not-there";

/** For things that are not there or not yours to see. */
export default function NotFound() {
  return <NotThere />;
}
