import {
  IconApi,
  IconBox,
  IconCertificate,
  IconDatabase,
  IconKey,
  IconPlugConnected,
  IconRobot,
  IconServerCog,
  IconSparkles,
  IconTerminal2,
  IconWorldShare,
} from "@tabler/icons-react";
import type { IdentityKind } from "@/lib/identities/types";

const icons = {
  "service-account": IconServerCog,
  "database-role": IconDatabase,
  "api-key": IconApi,
  "oauth-client": IconPlugConnected,
  workload: IconBox,
  "ci-job": IconTerminal2,
  "ai-agent": IconSparkles,
  bot: IconRobot,
  certificate: IconCertificate,
  "ssh-key": IconKey,
  "third-party": IconWorldShare,
} satisfies Record<IdentityKind, typeof IconKey>;

/** What people call each kind of identity. */
export const kindWords = {
  "service-account": "service account",
  "database-role": "database role",
  "api-key": "API key",
  "oauth-client": "OAuth client",
  workload: "workload",
  "ci-job": "CI job",
  "ai-agent": "AI agent",
  bot: "bot",
  certificate: "certificate",
  "ssh-key": "SSH key",
  "third-party": "third party",
} satisfies Record<IdentityKind, string>;

/** The sign of a kind of identity; the word stands beside it or in its title. */
export function KindIcon({ kind, size = 16 }: { kind: IdentityKind; size?: number }) {
  const Icon = icons[kind];
  return <Icon size={size} stroke={1.75} aria-hidden />;
}
