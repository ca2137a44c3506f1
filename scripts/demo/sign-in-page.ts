import { personas } from "./personas";

/** Text made safe for HTML; titles and messages may come from a request. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const style = `
:root { color-scheme: light dark; --ink: #1b1c22; --soft: #5b5e6b; --paper: #fff; --page: #f6f6f8; --line: #dcdde3; --act: #4338ca; --on-act: #fff; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #ececf1; --soft: #a4a7b5; --paper: #1d1e25; --page: #14151a; --line: #34363f; --act: #a5b0ff; --on-act: #14151a; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 14px/1.5 Inter, system-ui, sans-serif; border-top: 4px solid var(--act); }
main { max-width: 640px; margin: 0 auto; padding: 32px 16px 48px; }
.brand { display: flex; align-items: center; gap: 8px; font-weight: 600; font-size: 16px; }
h1 { font-size: 22px; line-height: 1.3; margin: 24px 0 8px; letter-spacing: -0.01em; }
p { margin: 0 0 24px; color: var(--soft); }
ul { list-style: none; margin: 0; padding: 0; display: grid; gap: 8px; }
button { width: 100%; min-height: 64px; display: grid; grid-template-columns: 40px 1fr; gap: 2px 12px; align-items: center; text-align: left; padding: 10px 16px;
  background: var(--paper); color: var(--ink); border: 1px solid var(--line); border-radius: 8px; font: inherit; cursor: pointer; }
button:hover { border-color: var(--act); }
button:focus-visible { outline: 3px solid var(--act); outline-offset: 2px; }
.initials { grid-row: span 2; width: 40px; height: 40px; border-radius: 50%; display: grid; place-items: center; background: var(--act); color: var(--on-act); font-weight: 600; }
.who { font-weight: 600; font-size: 15px; }
.does { color: var(--soft); }
.plain { min-height: 44px; display: inline-block; width: auto; font-weight: 600; }
code { font-family: "JetBrains Mono", ui-monospace, monospace; overflow-wrap: anywhere; }
`;

const mark =
  '<svg width="22" height="22" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="3" stroke-linecap="round" aria-hidden="true"><path d="M14.6 3.4A9 9 0 1 0 20.6 9.4"/></svg>';

/** A whole page in the demo's look; `content` is HTML, the title is text. */
export function page(title: string, content: string, nonce: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} – Curfew demo</title>
<style nonce="${nonce}">${style}</style>
</head>
<body>
<main>
<div class="brand">${mark}<span>curfew demo sign-in</span></div>
<h1>${escapeHtml(title)}</h1>
${content}
</main>
</body>
</html>
`;
}

/** The one question of the demo: who do you want to be? */
export function chooserPage(action: string, nonce: string): string {
  const buttons = personas.map(({ sub, name, does }) => {
    const initials = name
      .split(" ")
      .map((word) => word[0])
      .join("");
    return `<li><button type="submit" name="sub" value="${sub}"><span class="initials" aria-hidden="true">${initials}</span><span class="who">Sign in as ${escapeHtml(name)} <span class="does">(${sub})</span></span><span class="does">${escapeHtml(does)}</span></button></li>`;
  });
  const content = `<p>This identity provider exists in the demo only and asks for no password. Each person below has another role in Curfew.</p>
<form method="post" action="${escapeHtml(action)}"><ul>${buttons.join("\n")}</ul></form>`;
  return page("Who do you want to be?", content, nonce);
}

/** Something went wrong before or after the choice. */
export function messagePage(title: string, message: string, back: string, nonce: string): string {
  return page(title, `<p>${escapeHtml(message)}</p><p><a href="${escapeHtml(back)}">Back to Curfew</a></p>`, nonce);
}
