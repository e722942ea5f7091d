import { reactRouter } from "@react-router/dev/vite";
import { defineConfig } from "vite";
import { importsOneByOne } from "./imports-one-by-one.ts";

export default defineConfig({
  plugins: [
    importsOneByOne(["@mantine/core", "@mantine/hooks", "@mantine/charts", "@tabler/icons-react", "recharts"]),
    reactRouter(),
  ],
  build: { target: "es2023", assetsInlineLimit: 0, chunkSizeWarningLimit: 600, reportCompressedSize: false },
  environments: { ssr: { build: { rolldownOptions: { input: "./app/handler.server.ts" } } } },
  // One file with all it needs: the server starts in a fraction of the time and memory that loading node_modules takes.
  ssr: { noExternal: true },
});
