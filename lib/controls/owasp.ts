import type { Catalogue } from "./types";

/** OWASP's lists are CC BY-SA 4.0: ids are theirs, the words here are ours. */
export const owasp: readonly Catalogue[] = [
  {
    key: "owasp-nhi", name: "OWASP NHI Top 10", edition: "2025", source: "OWASP Foundation, CC BY-SA 4.0",
    controls: [
      { id: "NHI1:2025", label: "An identity whose work or owner is gone still has access", features: ["OWN", "REV", "INV"], aliases: ["NHI-01", "NHI1"] },
      { id: "NHI2:2025", label: "A secret got where it does not belong", features: ["JIT"], aliases: ["NHI-02", "NHI2"] },
      { id: "NHI3:2025", label: "A third party’s identity nobody watches", features: ["INV", "OWN"], aliases: ["NHI-03", "NHI3"] },
      { id: "NHI4:2025", label: "An identity signs in with something weak", features: ["INV", "JIT"], aliases: ["NHI-04", "NHI4"] },
      { id: "NHI5:2025", label: "An identity may do more than it does", features: ["REQ", "POL", "RVW", "COR"], aliases: ["NHI-05", "NHI5"] },
      { id: "NHI6:2025", label: "A deployment trusts jobs it should not", features: ["POL"], aliases: ["NHI-06", "NHI6"] },
      { id: "NHI7:2025", label: "A credential lives longer than its task", features: ["JIT", "REV"], aliases: ["NHI-07", "NHI7"] },
      { id: "NHI8:2025", label: "One identity reaches production and elsewhere", features: ["INV"], aliases: ["NHI-08", "NHI8"] },
      { id: "NHI9:2025", label: "Several workloads share one identity", features: ["INV", "COR"], aliases: ["NHI-09", "NHI9"] },
      { id: "NHI10:2025", label: "A person works under an identity that is none", features: ["COR", "LOG"], aliases: ["NHI-10", "NHI10"] },
    ],
  },
  {
    key: "owasp-asi", name: "OWASP agentic applications", edition: "2026", source: "OWASP Foundation, CC BY-SA 4.0",
    controls: [
      { id: "ASI02", label: "An agent uses a tool for what it is not for", features: ["REQ", "POL", "COR"] },
      { id: "ASI03", label: "An agent holds more rights than its task needs, or another’s", features: ["REQ", "JIT", "POL"], aliases: ["T3", "T9"] },
      { id: "ASI09", label: "A person approves because they trust, or are tired", features: ["APR", "BGL"], aliases: ["T10", "T15"] },
      { id: "ASI10", label: "An agent goes on where it should have stopped", features: ["REV", "COR"], aliases: ["T13"] },
    ],
  },
  {
    key: "maestro", name: "CSA MAESTRO", edition: "1 (seven layers)", source: "Cloud Security Alliance",
    controls: [
      { id: "L4", label: "Deployment and what it runs on: who may reach it, for how long", features: ["JIT", "REV", "POL"] },
      { id: "L5", label: "Watching: what was done, and whether anybody would notice", features: ["LOG", "COR", "INT"] },
      { id: "L6", label: "Across all layers: rules, decisions and records", features: ["APR", "POL", "RVW", "INT"] },
      { id: "L7", label: "Agents among each other and with people", features: ["REQ", "APR", "INV"] },
    ],
  },
];
