/** The nonce for inline scripts while the server renders; browsers hide it, so in the browser there is none. */
import { createContext } from "react";

export const NonceContext = createContext<string | undefined>(undefined);
