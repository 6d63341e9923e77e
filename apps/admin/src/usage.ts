/** What `--help` says. */
export const usage = `Keys and tenants, straight in the database of DATABASE_URL (or of .env).

  npm run admin -- keys create --tenant <id> --name <text> --scopes <list> [--expires <when>]
  npm run admin -- keys list [--tenant <id>]
  npm run admin -- keys revoke <key id>
  npm run admin -- tenants create <id> [--name <text>]
  npm run admin -- tenants list

  --scopes   of submit, read and admin, with commas. submit: what changes something; read: what
             does not; admin: an operator, who sees and steers all tenants
  --expires  90d, 12h, a date such as 2027-01-31 (its beginning, UTC) or a time; default: never

A new key goes to standard output, once; everything else about it to standard error.
`;

/** Something in the command line is wrong; the message says what. */
export class UsageError extends Error {}
