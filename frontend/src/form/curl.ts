// A form's request as a command for a shell.

/** The same request as a curl command. */
export function curlOf(body: object, origin: string, route: "runs" | "studies"): string {
  // Inside '…' a shell takes every character literally, except '.
  const json = JSON.stringify(body).replaceAll("'", "'\\''");
  return [
    `curl -X POST ${origin}/api/v1/${route} \\`,
    `  -H "Authorization: Bearer $RESLAB_TOKEN" \\`,
    `  -H 'Content-Type: application/json' \\`,
    `  -d '${json}'`,
  ].join("\n");
}
