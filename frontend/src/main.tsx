// Starts the dashboard.
import "@mantine/core/styles.css";
import "./theme.css";
import "./print.css";
import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { queryClient, sessionQuery } from "./api/queries";
import { router } from "./routes";
import { openSessionWith, takeToken } from "./shell/token";
import { theme, variables } from "./theme";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");

// The request for the session starts while the page's script is still loading.
const token = takeToken();
queryClient.prefetchQuery(token ? { ...sessionQuery, queryFn: () => openSessionWith(token) } : sessionQuery);

createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto">
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
