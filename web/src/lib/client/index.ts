export { connection } from "./connection.ts";
export { type Intent, newKey, useIntent } from "./intent.ts";
export { type Fault, Problem, problemOf } from "./problem.ts";
export { createQueryClient } from "./queries.ts";
export { onSignedOut } from "./session.ts";
