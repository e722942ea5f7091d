import "@fontsource-variable/inter";
// Before Mantine's: it says which layer gives way to which.
import "./styles/app.css";
import "@mantine/core/styles.layer.css";
import { ColorSchemeScript, MantineProvider, mantineHtmlProps } from "@mantine/core";
import { type ReactNode, use } from "react";
import { Links, Meta, Outlet, Scripts, ScrollRestoration } from "react-router";
import type { Route } from "./+types/root";
import { Failure } from "./components/failure.tsx";
import { failureTitle } from "./components/failure-title.ts";
import { timeZoneOf, ViewerProvider } from "./format/viewer.tsx";
import { FAVICON } from "./frame/mark.tsx";
import { NonceContext } from "./nonce.ts";
import { theme } from "./theme.ts";

/** Of pages that failed as well: those have no title of their own. */
export const meta: Route.MetaFunction = ({ error }) => [{ title: error ? failureTitle(error) : "rrHog" }];

export function loader({ request }: Route.LoaderArgs) {
  return { timeZone: timeZoneOf(request), now: Date.now() };
}

export function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en" {...mantineHtmlProps}>
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <link rel="icon" type="image/svg+xml" href={FAVICON} />
        <ColorSchemeScript defaultColorScheme="auto" nonce={use(NonceContext)} suppressHydrationWarning />
        <Meta />
        <Links />
      </head>
      <body>
        <MantineProvider theme={theme} defaultColorScheme="auto">
          {children}
        </MantineProvider>
        <ScrollRestoration />
        <Scripts />
      </body>
    </html>
  );
}

export default function Root({ loaderData }: Route.ComponentProps) {
  return (
    <ViewerProvider timeZone={loaderData.timeZone} now={loaderData.now}>
      <Outlet />
    </ViewerProvider>
  );
}

export function ErrorBoundary({ error }: Route.ErrorBoundaryProps) {
  return (
    <main>
      <Failure error={error} wholePage />
    </main>
  );
}
