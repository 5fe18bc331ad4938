export function App() {
  return <p class="boot">Vandamme</p>;
}
