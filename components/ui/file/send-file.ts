/** How sending ended: the server's answer, none, or stopped by who sent. */
export type SendEnd = { readonly end: "answered"; readonly status: number; readonly text: string } | { readonly end: "lost" | "stopped" };

/** Sends a file's bytes. `XMLHttpRequest` and not `fetch`: it tells how much is gone. */
export function sendFile(address: string, file: File, { onSent, signal }: { onSent: (bytes: number) => void; signal: AbortSignal }): Promise<SendEnd> {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("PUT", address);
    request.setRequestHeader("content-type", "application/octet-stream");
    request.upload.addEventListener("progress", ({ loaded }) => onSent(loaded));
    request.addEventListener("load", () => resolve({ end: "answered", status: request.status, text: request.responseText }));
    request.addEventListener("error", () => resolve({ end: "lost" }));
    request.addEventListener("abort", () => resolve({ end: "stopped" }));
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}
