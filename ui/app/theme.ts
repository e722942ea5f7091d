/** Mantine's theme: one accent, quiet greys, dense controls. Surfaces and lines are variables in styles/app.css. */
import { createTheme, type MantineColorsTuple } from "@mantine/core";

const iris: MantineColorsTuple = [
  "#f0f0ff",
  "#e3e3fd",
  "#c8c8f6",
  "#ababee",
  "#8f8fe6",
  "#6f6ce0",
  "#5b58d6",
  "#4d4ac4",
  "#403ea8",
  "#33328a",
];

/** In Mantine's dark scheme: 0 is text, 2 dimmed text, 4 borders, 6 inputs, 7 the page. */
const dark: MantineColorsTuple = [
  "#e6e8ec",
  "#c3c8d1",
  "#9aa2b1",
  "#6c7483",
  "#2b3039",
  "#232830",
  "#191d24",
  "#111419",
  "#0d0f13",
  "#090b0e",
];

export const theme = createTheme({
  fontFamily: "'Inter Variable', system-ui, -apple-system, 'Segoe UI', sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', 'Cascadia Code', Menlo, Consolas, monospace",
  colors: { iris, dark },
  primaryColor: "iris",
  primaryShade: { light: 6, dark: 6 },
  defaultRadius: "sm",
  cursorType: "pointer",
  respectReducedMotion: true,
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.25rem" },
  headings: { fontWeight: "600" },
  components: {
    Tooltip: { defaultProps: { openDelay: 300, withArrow: false, fz: "xs" } },
    Button: { defaultProps: { size: "sm", fw: 550 } },
    Modal: { defaultProps: { overlayProps: { backgroundOpacity: 0.4 }, closeButtonProps: { "aria-label": "Close" } } },
    // Of a form nearly all is required: an asterisk at each would say nothing.
    InputWrapper: { defaultProps: { withAsterisk: false } },
    ActionIcon: { defaultProps: { c: "dimmed" } },
  },
});
