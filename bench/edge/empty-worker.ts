import { Hono } from "hono";

/** What the edge is measured against: reads the body, answers 202, and does nothing else. */
const app = new Hono();

app.post("/i", async (c) => {
  await c.req.raw.arrayBuffer();
  return c.json({ status: "accepted" }, 202);
});
app.get("/healthz", (c) => c.text("ok"));

export default app;
