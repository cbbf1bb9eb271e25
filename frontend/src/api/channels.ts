// The calls of the page about notices.
import { answerOf, http } from "./http";
import type { components } from "./schema.gen";

type Schemas = components["schemas"];
export type Channel = Schemas["Channel"];
export type ChannelKind = Channel["kind"];
export type Delivery = Schemas["Delivery"];
export type NoticeKind = Schemas["NoticeKind"];

export const listChannels = () => answerOf(http.GET("/api/v1/channels"));
export const createChannel = (body: Schemas["ChannelCreate"]) =>
  answerOf(http.POST("/api/v1/channels", { body }));
const channel = (id: string) => ({ params: { path: { channel_id: id } } });
export const testChannel = (id: string) =>
  answerOf(http.POST("/api/v1/channels/{channel_id}/test", channel(id)));
export const pauseChannel = ({ id, isPaused }: { id: string; isPaused: boolean }) =>
  answerOf(http.PATCH("/api/v1/channels/{channel_id}", { ...channel(id), body: { is_paused: isPaused } }));
export const deleteChannel = (id: string) =>
  answerOf(http.DELETE("/api/v1/channels/{channel_id}", channel(id)));
export const listDeliveries = () => answerOf(http.GET("/api/v1/deliveries"));
export const resendDelivery = (id: string) =>
  answerOf(http.POST("/api/v1/deliveries/{delivery_id}/resend", { params: { path: { delivery_id: id } } }));
