import { Link } from "react-router";
import { answer, apiClient } from "../api.server.ts";
import { change } from "../change.server.ts";
import { counted } from "../format/duration.ts";
import { spanInWords } from "../format/span.ts";
import { Moment } from "../format/viewer.tsx";
import { mayChange } from "../roles.ts";
import { AskFirst } from "../settings/ask-first.tsx";
import { outcome } from "../settings/outcome.ts";
import { Nothing, Section } from "../settings/section.tsx";
import table from "../settings/table.module.css";
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
  const { shares, now } = loaderData;
  return (
    <Section
      title="Share links"
      about="Whoever has one sees a session, or its part, without an account. They are made on a session's page."
    >
      {shares.length === 0 ? (
        <Nothing>No session was shared yet.</Nothing>
      ) : (
        <table className={table.table}>
          <thead>
            <tr>
              <th>What it opens</th>
              <th className={table.minor}>Made</th>
              <th>Opened</th>
              <th>Until</th>
              <th>
                <span className="rr-hidden">Change</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {shares.map((share) => (
              <ShareRow key={share.share_id} share={share} now={now} />
            ))}
          </tbody>
        </table>
      )}
    </Section>
  );
}

function ShareRow({ share, now }: { share: Share; now: number }) {
  const { projectId, role } = useFrame();
  const isOver = share.revoked_at !== null || Date.parse(share.expires_at) <= now;
  return (
    <tr data-over={isOver || undefined}>
      <td>
        <Link to={`/projects/${projectId}/sessions/${share.session_id}?t=${share.from_ms / 1_000}`}>
          <code>{share.session_id.slice(0, 8)}</code> {spanInWords(share)}
        </Link>
        {share.shows_person && <span className={table.sub}>tells who was recorded</span>}
      </td>
      <td className={table.minor}>
        <Moment at={share.created_at} />
        {share.created_by && <span className={table.sub}>{share.created_by}</span>}
      </td>
      <td className={table.number}>
        {counted(share.opened_count, "time")}
        {share.last_opened_at && (
          <span className={table.sub}>
            last <Moment at={share.last_opened_at} />
          </span>
        )}
      </td>
      <td>
        {share.revoked_at !== null ? (
          <>
            Revoked <Moment at={share.revoked_at} />
          </>
        ) : (
          <>
            {isOver && "Expired "}
            <Moment at={share.expires_at} full />
          </>
        )}
      </td>
      <td>
        {!isOver && mayChange(role) && (
          <div className={table.actions}>
            <AskFirst
              label="Revoke"
              of={`the link to ${share.session_id.slice(0, 8)}`}
              title="Revoke this link?"
              confirm="Revoke the link"
              fields={{ share_id: share.share_id }}
            >
              It opens nothing from now on, for nobody. That cannot be taken back.
            </AskFirst>
          </div>
        )}
      </td>
    </tr>
  );
}
