import { accessSync, constants } from "node:fs";
import path from "node:path";

/** Flags under which a browser of tests starts as root, in containers, and without talking to its maker. */
export const chromiumFlags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
const macPath = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";

/** The browser for the tests: the one named in CHROMIUM_PATH, else the system's, else one out of an npm package. */
export async function findChromium(): Promise<string> {
  const named = process.env.CHROMIUM_PATH;
  if (named) {
    if (!isProgram(named)) throw new Error(`CHROMIUM_PATH: expected the path of a Chromium program; ${named} is none.`);
    return named;
  }
  const folders = (process.env.PATH ?? "").split(path.delimiter).filter(Boolean);
  const candidates = [...names.flatMap((name) => folders.map((folder) => path.join(folder, name))), macPath];
  const found = candidates.find(isProgram);
  if (found) return found;
  const { default: packaged } = await import("@sparticuz/chromium");
  return packaged.executablePath();
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
