/** The people of the demo organisation that a visitor can be. `sub` is what the identity provider calls them. */
export type Persona = {
  readonly sub: string;
  readonly name: string;
  readonly email: string;
  /** One sentence on the sign-in page. */
  readonly does: string;
};

function persona(sub: string, name: string, does: string): Persona {
  return { sub, name, email: `${sub}@demo.curfew.test`, does };
}

export const personas = [
  persona("requester", "Rita Okafor", "Asks for access for the jobs and service accounts of her team."),
  persona("approver", "Anton Berg", "Answers for the orders data: approves or denies."),
  persona("second-approver", "Selma Haddad", "Security: the second vote where production is written."),
  persona("owner", "Olga Lindqvist", "Owns service accounts and answers for them."),
  persona("auditor", "Aurel Novak", "Reads the evidence and exports it; changes nothing."),
  persona("administrator", "Ada Moreau", "Connects systems, keeps the catalogue and the policy."),
  persona("outsider", "Otto Stranger", "Can sign in, but has no role here."),
] as const satisfies readonly Persona[];

/** The persona with this subject. */
export function personaOf(sub: string): Persona | undefined {
  return personas.find((candidate) => candidate.sub === sub);
}
