/** What the server hands to every request besides the request itself. */
import { createContext } from "react-router";
import type { UiSettings } from "../settings.ts";

export interface ConsoleEnvironment {
  settings: UiSettings;
  /** Of this answer's content security policy. */
  nonce: string;
}

export const environmentContext = createContext<ConsoleEnvironment>();
