// The calls of the page Access.
import { answerOf, http } from "./http";
import type { components, paths } from "./schema.gen";

type Schemas = components["schemas"];
export type Key = Schemas["Key"];
export type NewKey = Schemas["NewKey"];
export type OpenSession = Schemas["OpenSession"];
export type Person = Schemas["Person"];
export type Project = Schemas["Project"];
export type Session = Schemas["Session"];
export type AuditEntry = Schemas["AuditEntry"];
export type AuditSearch = Omit<NonNullable<paths["/api/v1/audit"]["get"]["parameters"]["query"]>, "cursor">;
export type HolderUse = Schemas["HolderUse"];
export type Limits = Schemas["Limits"];
export type Role = Schemas["ProjectMember"]["role"];
export type Scope = Key["scopes"][number];

export const ROLES = ["viewer", "member", "maintainer"] as const satisfies readonly Role[];

export const listKeys = () => answerOf(http.GET("/api/v1/keys"));
export type KeyRequest = Pick<Schemas["KeyCreate"], "name" | "scopes"> & Partial<Schemas["KeyCreate"]>;
// The generator makes every field with a default required.
export const createKey = (body: KeyRequest): Promise<NewKey> =>
  answerOf(http.POST("/api/v1/keys", { body: body as Schemas["KeyCreate"] }));
export const revokeKey = (id: string) =>
  answerOf(http.DELETE("/api/v1/keys/{key_id}", { params: { path: { key_id: id } } }));

export const listSessions = () => answerOf(http.GET("/api/v1/sessions"));
export const endSession = (id: string) =>
  answerOf(http.DELETE("/api/v1/sessions/{session_id}", { params: { path: { session_id: id } } }));
/** Signs this browser out. */
export const closeSession = () => answerOf(http.DELETE("/api/v1/session"));

export const listProjects = () => answerOf(http.GET("/api/v1/projects"));
const project = (name: string) => ({ params: { path: { project: name } } });
export const getProject = (name: string) => answerOf(http.GET("/api/v1/projects/{project}", project(name)));
export const createProject = (name: string) =>
  answerOf(http.POST("/api/v1/projects", { body: { name } as Schemas["ProjectCreate"] }));
export const publishProject = (name: string, is_public: boolean) =>
  answerOf(http.PATCH("/api/v1/projects/{project}", { ...project(name), body: { is_public } }));
const member = (name: string, person: string) => ({ params: { path: { project: name, person } } });
export const setRole = (name: string, person: string, role: Role) =>
  answerOf(
    http.PUT("/api/v1/projects/{project}/members/{person}", { ...member(name, person), body: { role } }),
  );
export const removeMember = (name: string, person: string) =>
  answerOf(http.DELETE("/api/v1/projects/{project}/members/{person}", member(name, person)));

export const listPeople = () => answerOf(http.GET("/api/v1/people"));
export const addPerson = (name: string) =>
  answerOf(http.POST("/api/v1/people", { body: { name } as Schemas["PersonCreate"] }));
export const changePerson = (person: string, body: Schemas["PersonChange"]) =>
  answerOf(http.PATCH("/api/v1/people/{person}", { params: { path: { person } }, body }));

export const listAudit = (query: AuditSearch & { cursor?: number }) =>
  answerOf(http.GET("/api/v1/audit", { params: { query } }));

export const listUsage = () => answerOf(http.GET("/api/v1/usage"));
export const setQuota = (kind: HolderUse["kind"], name: string, body: Limits) =>
  answerOf(http.PUT("/api/v1/quotas/{kind}/{name}", { params: { path: { kind, name } }, body }));
export const monthsUrl = "/api/v1/usage/months?format=csv";

/** How one can sign in besides a key. */
export const getLogins = () => answerOf(http.GET("/api/v1/login"));
