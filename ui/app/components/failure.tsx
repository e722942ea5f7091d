/** What an error boundary shows: what failed, what to do, and a way to try again. */
import { Button, Code } from "@mantine/core";
import { IconCompass, IconPlugConnectedX, IconRefresh, IconTool } from "@tabler/icons-react";
import { isRouteErrorResponse, Link, useLocation, useParams, useRevalidator } from "react-router";
import { type ApiFailure, isApiFailure } from "../api-failure.ts";
import { Notice } from "./notice.tsx";

export function Failure({ error, wholePage }: { error: unknown; wholePage?: boolean }) {
  const { projectId } = useParams();
  if (isRouteErrorResponse(error) && error.status === 404) {
    return (
      <Notice
        title="There is nothing here"
        icon={<IconCompass size={20} />}
        wholePage={wholePage}
        actions={
          // Without its frame it is the project itself that is not there.
          <Button component={Link} to={wholePage ? "/" : `/projects/${projectId}/sessions`} variant="default">
            To the sessions
          </Button>
        }
      >
        {typeof error.data === "string" && error.data
          ? error.data
          : "The address may be mistyped, or what it named was deleted or has expired."}
      </Notice>
    );
  }
  if (isRouteErrorResponse(error) && isApiFailure(error.data)) {
    return <ApiFailed failure={error.data} wholePage={wholePage} />;
  }
  return (
    <Notice title="This page broke" icon={<IconTool size={20} />} bad wholePage={wholePage} actions={<TryAgain />}>
      Something went wrong in the console itself. Its log (<Code>.rrhog/logs/ui.log</Code> in the embedded stack) has
      the details.
    </Notice>
  );
}

function ApiFailed({ failure, wholePage }: { failure: ApiFailure; wholePage?: boolean }) {
  return (
    <Notice
      title={failure.title}
      icon={<IconPlugConnectedX size={20} />}
      bad
      wholePage={wholePage}
      actions={<TryAgain />}
    >
      {failure.detail && <p>{failure.detail}</p>}
      <p>{advice(failure.code)}</p>
    </Notice>
  );
}

function advice(code: string) {
  switch (code) {
    case "api_unreachable":
    case "api_slow":
      return (
        <>
          Recordings are not affected: they go to the edge and wait in the stream. Look at what{" "}
          <Code>npm run doctor</Code> says, or at the API's log.
        </>
      );
    case "storage_unavailable":
      return (
        <>
          ClickHouse or Postgres does not answer. New recordings wait in the stream and are loaded when it is back;{" "}
          <Code>npm run doctor</Code> names the one that is away.
        </>
      );
    case "not_permitted":
      return "Your role in this project does not allow it. Ask an owner.";
    case "query_malformed":
      return "The address holds a filter that the API does not take.";
    case "internal":
      return (
        <>
          The API met an error of its own. Its log (<Code>.rrhog/logs/api.log</Code> in the embedded stack) has it.
        </>
      );
    default:
      return (
        <>
          The API refused with <Code>{code}</Code>.
        </>
      );
  }
}

function TryAgain() {
  const { revalidate, state } = useRevalidator();
  const { pathname, search } = useLocation();
  return (
    // A link, so that it works before scripts do; with them it asks again without leaving the page.
    <Button
      component="a"
      href={pathname + search}
      variant="default"
      leftSection={<IconRefresh size={16} />}
      loading={state === "loading"}
      onClick={(event) => {
        event.preventDefault();
        void revalidate();
      }}
    >
      Try again
    </Button>
  );
}
