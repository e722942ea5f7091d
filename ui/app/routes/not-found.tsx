/** Whatever no other route takes: the nearest error boundary says so, inside the frame where there is one. */
export function loader() {
  throw new Response(null, { status: 404 });
}

export default function NotFound() {
  return null;
}
