import { personas } from "../demo/personas";

const beginning = Date.now();

/** The terminal may be gone (closed window, broken pipe) while we still have to stop everything in order. */
export function surviveClosedTerminal(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
}

/** Writes one line. */
export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** How long something took, as people say it. */
export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

/** Runs one step of the start and tells how long it took; `slow` is said beforehand. */
export async function step<Answer>(title: string, work: () => Promise<Answer>, slow?: string): Promise<Answer> {
  const started = Date.now();
  if (slow) say(`  … ${slow}`);
  const answer = await work();
  say(`  ✓ ${title.padEnd(46)} ${seconds(Date.now() - started).padStart(7)}`);
  return answer;
}

/** The block that a person looks for when the start is done. */
export function sayReady(url: string, mode: "demo" | "real", dataDir: string): void {
  const lines = ["", `  Curfew is ready: ${url}   (${seconds(Date.now() - beginning)})`, ""];
  if (mode === "demo") {
    lines.push("  Sign in there; the demo asks who you want to be:");
    for (const { name, sub, does } of personas) lines.push(`    ${name.padEnd(16)} ${sub.padEnd(16)} ${does}`);
    lines.push("");
  }
  lines.push(`  Data and logs    ${dataDir}`, "  Stop             Ctrl-C", "");
  say(lines.join("\n"));
}
