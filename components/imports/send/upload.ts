/** How an upload ended. The import's own page says the rest. */
export type UploadEnd = "answered" | "lost" | "stopped";

/** Sends a file's bytes. `XMLHttpRequest` and not `fetch`: it tells how much is gone. */
export function upload(importId: string, file: File, { onSent, signal }: { onSent: (bytes: number) => void; signal: AbortSignal }): Promise<UploadEnd> {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("PUT", `/api/imports/${importId}/file`);
    request.setRequestHeader("content-type", "application/octet-stream");
    request.upload.addEventListener("progress", ({ loaded }) => onSent(loaded));
    request.addEventListener("load", () => resolve("answered"));
    request.addEventListener("error", () => resolve("lost"));
    request.addEventListener("abort", () => resolve("stopped"));
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}
