// Signing in at an identity provider, where the service has one. Fetched with the login page only.
import { Alert, Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getLogins } from "../api/access";

const FAILED = "#failed=";

export default function OtherLogin() {
  const { data } = useQuery({ queryKey: ["logins"], queryFn: getLogins });
  const why = location.hash.startsWith(FAILED)
    ? decodeURIComponent(location.hash.slice(FAILED.length))
    : undefined;
  return (
    <>
      {why && <Alert color="red">{why}</Alert>}
      {data?.provider && (
        <Button component="a" href="/api/v1/login/start" variant="default">
          Log in with {data.provider}
        </Button>
      )}
    </>
  );
}
