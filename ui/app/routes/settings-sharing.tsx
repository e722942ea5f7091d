import { Link } from "react-router";
import { answer, apiClient } from "../api.server.ts";
import { change } from "../change.server.ts";
import { counted } from "../format/duration.ts";
import { spanInWords } from "../format/span.ts";
import { Moment } from "../format/viewer.tsx";
import { outcome } from "../outcome.ts";
import { mayChange } from "../roles.ts";
import { AskFirst } from "../settings/ask-first.tsx";
import { Section } from "../settings/section.tsx";
import { Below, type Column, Table } from "../settings/table.tsx";
import type { Route } from "./+types/settings-sharing";
import { useFrame } from "./project.tsx";

export const meta: Route.MetaFunction = () => [{ title: "Sharing · Settings · rrHog" }];

export async function loader(args: Route.LoaderArgs) {
  const { shares } = apiClient(args).v1.projects[":project_id"];
  const answered = answer(shares.$get({ param: { project_id: args.params.projectId }, query: {} }), args);
  return { ...(await answered), now: Date.now() };
}

type Share = Awaited<ReturnType<typeof loader>>["shares"][number];

/** Revokes a link. */
export async function action(args: Route.ActionArgs) {
  const share_id = String((await args.request.formData()).get("share_id") ?? "");
  const one = apiClient(args).v1.projects[":project_id"].shares[":share_id"];
  const revoked = change(one.$delete({ param: { project_id: args.params.projectId, share_id } }), args);
  return outcome(await revoked, "Link revoked");
}

export default function Sharing({ loaderData }: Route.ComponentProps) {
  const { projectId, role } = useFrame();
  const { shares, now } = loaderData;
  const isOver = ({ revoked_at, expires_at }: Share) => revoked_at !== null || Date.parse(expires_at) <= now;
  return (
    <Section
      title="Share links"
      about="Whoever has one sees a session, or its part, without an account. They are made on a session's page."
    >
      <Table
        columns={columnsOf(projectId, isOver)}
        rows={shares}
        keyOf={({ share_id }) => share_id}
        nothing="No session was shared yet."
        isOver={isOver}
        actions={(share) => !isOver(share) && mayChange(role) && <Revoke share={share} />}
      />
    </Section>
  );
}

function columnsOf(projectId: number, isOver: (share: Share) => boolean): Column<Share>[] {
  return [
    {
      title: "What it opens",
      cell: (share) => (
        <>
          <Link to={`/projects/${projectId}/sessions/${share.session_id}?t=${share.from_ms / 1_000}`}>
            <code>{share.session_id.slice(0, 8)}</code> {spanInWords(share)}
          </Link>
          {share.shows_person && <Below>tells who was recorded</Below>}
        </>
      ),
    },
    {
      title: "Made",
      isMinor: true,
      cell: ({ created_at, created_by }) => (
        <>
          <Moment at={created_at} />
          {created_by && <Below>{created_by}</Below>}
        </>
      ),
    },
    {
      title: "Opened",
      isFigure: true,
      cell: ({ opened_count, last_opened_at }) => (
        <>
          {counted(opened_count, "time")}
          {last_opened_at && (
            <Below>
              last <Moment at={last_opened_at} />
            </Below>
          )}
        </>
      ),
    },
    {
      title: "Until",
      cell: (share) =>
        share.revoked_at !== null ? (
          <>
            Revoked <Moment at={share.revoked_at} />
          </>
        ) : (
          <>
            {isOver(share) && "Expired "}
            <Moment at={share.expires_at} full />
          </>
        ),
    },
  ];
}

function Revoke({ share: { share_id, session_id } }: { share: Share }) {
  return (
    <AskFirst
      label="Revoke"
      of={`the link to ${session_id.slice(0, 8)}`}
      title="Revoke this link?"
      confirm="Revoke the link"
      fields={{ share_id }}
    >
      It opens nothing from now on, for nobody. That cannot be taken back.
    </AskFirst>
  );
}
