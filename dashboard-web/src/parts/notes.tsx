// What is out of the ordinary about a request, as marks beside its model.
import { type Noted, notesOf, noteText } from "../format/notes";

export function Notes({ row }: { row: Noted }) {
  return (
    <>
      {notesOf(row).map((note) => (
        <span key={note.text} class={`mark tone-${note.tone}`} title={note.says}>
          {noteText(note)}
        </span>
      ))}
    </>
  );
}
