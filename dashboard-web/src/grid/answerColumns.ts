// Columns of who answered and who paid, alike in the grids of running and of
// finished requests. Not shown until asked for: what is out of the ordinary stands
// behind the model anyway.
import { credentialName, type Noted } from "../format/notes";
import type { Column } from "./column";

export const answerColumns = <T extends Noted>(): Column<T>[] => [
  {
    id: "answered",
    title: "Answered by",
    hint: "The model that the answer names",
    width: 150,
    mono: true,
    hide: true,
    value: (row) => row.answered_model,
  },
  {
    id: "kind",
    title: "Kind",
    hint: "What was asked for",
    width: 100,
    hide: true,
    value: (row) => row.kind,
  },
  {
    id: "credential",
    title: "Paid by",
    hint: "What the provider was shown: a key of the gateway, the client's own key, its subscription",
    width: 150,
    hide: true,
    value: (row) => row.credential,
    text: (row) => credentialName(row.credential),
  },
];
