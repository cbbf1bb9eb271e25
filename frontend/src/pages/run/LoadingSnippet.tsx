// The program that loads the weights, to copy.
import { CopyableCode } from "../../ui/CopyableCode";
import { type Net, snippet } from "./snippet";

export function Snippet({ spec, file }: { spec: Net; file: string }) {
  return <CopyableCode label="loading snippet">{snippet(spec, file)}</CopyableCode>;
}
