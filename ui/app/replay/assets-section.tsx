import { counted, wholeNumber } from "../format/duration.ts";
import type { SessionAsset } from "../routes/session.tsx";
import styles from "./assets-section.module.css";
import { Fact, FactSection } from "./info-section.tsx";

/** What the replayed pages are made of beside the recording, and what of it is not here. */
export function AssetsSection({ assets }: { assets: SessionAsset[] | null }) {
  const missing = (assets ?? []).filter(({ status }) => status === "missing");
  const kept = (assets ?? []).length - missing.length;
  return (
    <>
      <FactSection title="Assets">
        {!assets && <Fact name="Assets">could not be loaded; reload to try again</Fact>}
        {assets && assets.length > 0 && <Fact name="Kept">{wholeNumber(kept)}</Fact>}
        {missing.length > 0 && (
          <Fact name="Missing">
            <details>
              <summary>{counted(missing.length, "asset")} missing</summary>
              <ul className={styles.missing}>
                {missing.map(({ url, why }) => (
                  <li key={url}>
                    {url} <span className={styles.why}>{why?.replaceAll("_", " ")}</span>
                  </li>
                ))}
              </ul>
            </details>
          </Fact>
        )}
        {assets?.length === 0 && (
          <Fact name="Kept">none: the project allows no hosts, or the pages name no assets</Fact>
        )}
      </FactSection>
      <p className={styles.note}>
        While you watch nothing is asked of the site: its addresses could tell a stranger who is watching whom.
        Pictures, fonts and stylesheets are those kept from the hosts that the project allows; where an image is
        missing, a hatched box of its size stands.
      </p>
    </>
  );
}
