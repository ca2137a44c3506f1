import { groupSchemaId, userSchemaId } from "./schema";

const schemaOfSchemas = "urn:ietf:params:scim:schemas:core:2.0:Schema";

type Attribute = { readonly name: string; readonly type?: string; readonly required?: boolean; readonly multi?: boolean; readonly sub?: readonly Attribute[]; readonly unique?: boolean };

function attribute({ name, type = "string", required = false, multi = false, sub, unique = false }: Attribute): object {
  return {
    name,
    type: sub ? "complex" : type,
    multiValued: multi,
    required,
    caseExact: false,
    mutability: "readWrite",
    returned: "default",
    uniqueness: unique ? "server" : "none",
    ...(sub ? { subAttributes: sub.map(attribute) } : {}),
  };
}

/** What this server can do (RFC 7643 §5). */
export const serviceProviderConfig = {
  schemas: ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
  patch: { supported: true },
  bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
  filter: { supported: true, maxResults: 200 },
  changePassword: { supported: false },
  sort: { supported: false },
  etag: { supported: false },
  authenticationSchemes: [{ type: "oauthbearertoken", name: "Bearer token", description: "A token that an administrator makes on the page People", primary: true }],
} as const;

/** What resources there are. */
export const resourceTypes = [
  { id: "User", name: "User", endpoint: "/Users", schema: userSchemaId },
  { id: "Group", name: "Group", endpoint: "/Groups", schema: groupSchemaId },
].map((type) => ({ schemas: ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"], ...type }));

/** The attributes that are kept. */
export const schemas = [
  {
    schemas: [schemaOfSchemas],
    id: userSchemaId,
    name: "User",
    attributes: [
      { name: "userName", required: true, unique: true },
      { name: "externalId" },
      { name: "displayName" },
      { name: "title" },
      { name: "active", type: "boolean" },
      { name: "name", sub: [{ name: "formatted" }, { name: "givenName" }, { name: "familyName" }] },
      { name: "emails", multi: true, sub: [{ name: "value" }, { name: "type" }, { name: "primary", type: "boolean" }] },
    ].map(attribute),
  },
  {
    schemas: [schemaOfSchemas],
    id: groupSchemaId,
    name: "Group",
    attributes: [{ name: "displayName", required: true }, { name: "externalId" }, { name: "members", multi: true, sub: [{ name: "value" }, { name: "display" }] }].map(attribute),
  },
];
