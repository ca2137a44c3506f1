/** Something that is wrong: in which file of the bundle, where in it, and what. */
export type Problem = { readonly file: string; readonly at: string | null; readonly what: string };

/** What the verifier found (public/verify.mjs). */
export type Verification = {
  readonly ok: boolean;
  readonly first: Problem | null;
  readonly problems: readonly Problem[];
  readonly proven: readonly string[];
  readonly notProven: readonly string[];
  readonly about: Readonly<Record<string, string | number | null>>;
};

/** How far a verification is. */
export type Running =
  | { readonly step: "idle" }
  | { readonly step: "running"; readonly name: string; readonly share: number }
  | { readonly step: "done"; readonly name: string; readonly result: Verification }
  | { readonly step: "broken"; readonly name: string; readonly why: string };

type Answer = { readonly progress: number } | { readonly result: Verification } | { readonly fault: string };
type Order = { readonly file: File; readonly keys: readonly string[]; readonly checkpoint: string | null };

const program = "/verify.mjs";

/** Checks a file in a worker of its own, so that the page stays usable. Answers how to stop it. */
export function verifyInWorker({ file, keys, checkpoint }: Order, tell: (running: Running) => void): () => void {
  const { name } = file;
  const worker = new Worker(program, { type: "module", name: "verify" });
  const end = (running: Running) => {
    worker.terminate();
    tell(running);
  };
  worker.onmessage = ({ data }: MessageEvent<Answer>) => {
    if ("progress" in data) tell({ step: "running", name, share: data.progress });
    else end("result" in data ? { step: "done", name, result: data.result } : { step: "broken", name, why: data.fault });
  };
  worker.onerror = () => end({ step: "broken", name, why: "The program could not be started in this browser." });
  worker.postMessage({ file, keys, checkpoint });
  tell({ step: "running", name, share: 0 });
  return () => worker.terminate();
}
