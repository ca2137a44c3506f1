/** @type {import('next').NextConfig} */
const nextConfig = {
  // The tests build into a folder of their own, so that they never overwrite a running installation's build.
  distDir: process.env.CURFEW_DIST_DIR ?? ".next",
  typedRoutes: true,
  poweredByHeader: false,
  reactStrictMode: true,
  // Types are checked by `npm run check`; a user's first start need not wait for it.
  typescript: { ignoreBuildErrors: true },
  serverExternalPackages: ["@cedar-policy/cedar-wasm", "pg", "graphile-worker"],
  experimental: { optimizePackageImports: ["@mantine/core", "@mantine/hooks", "@tabler/icons-react"] },
};

export default nextConfig;
