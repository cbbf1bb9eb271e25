// The calls about the service itself: the session, the queue and the workers.
import { answerOf, http } from "./http";

export const getSession = () => answerOf(http.GET("/api/v1/session"));
/** Exchanges a token for this browser's session; scripts can't read the cookie that holds it. */
export const openSession = (token: string) =>
  answerOf(http.POST("/api/v1/session", { headers: { Authorization: `Bearer ${token}` } }));

export const getQueue = () => answerOf(http.GET("/api/v1/queue"));
export const listWorkers = () => answerOf(http.GET("/api/v1/workers"));

export const drainWorker = (id: string) =>
  answerOf(http.POST("/api/v1/workers/{worker_id}/drain", { params: { path: { worker_id: id } } }));
