// The bar above a grid: quick search and the filters that fit the page. What is
// chosen is in the address.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { narrow } from "../narrow";
import { choices } from "../state/filter";
import { type Filters, isFiltered, NO_FILTERS } from "../state/url";
import { go, view } from "../store";

export const SEARCH_ID = "search";

export interface FilterOption {
  name: keyof Filters;
  label: string;
  values: Iterable<string | undefined>;
  text?(value: string): string;
}

export function FilterBar(props: { options: FilterOption[]; children?: ComponentChildren }) {
  const { filters } = view.value;
  const [unfolded, unfold] = useState(false);
  const chosen = props.options.filter((option) => filters[option.name] !== "").length;
  // On a phone the choices would push the data off the screen: they fold.
  const folded = narrow.value && !unfolded;
  const set = (change: Partial<Filters>) => go({ filters: { ...filters, ...change } });
  return (
    <search class="filters">
      <label class="search">
        <span class="sr">Search</span>
        <input
          id={SEARCH_ID}
          type="search"
          placeholder="Search  ( / )"
          autocomplete="off"
          spellcheck={false}
          value={filters.q}
          onInput={(event) => set({ q: event.currentTarget.value })}
        />
      </label>
      {narrow.value && (
        <button
          type="button"
          class="button small"
          aria-expanded={unfolded}
          onClick={() => unfold(!unfolded)}
        >
          Filters{chosen > 0 && ` (${chosen})`}
        </button>
      )}
      {(folded ? [] : props.options).map((option) => (
        <label key={option.name} class="filter">
          <span class="sr">{option.label}</span>
          <select
            value={filters[option.name]}
            class={filters[option.name] ? "chosen" : ""}
            onChange={(event) => set({ [option.name]: event.currentTarget.value })}
          >
            <option value="">{option.label}: all</option>
            {choices(option.values, filters[option.name]).map((value) => (
              <option key={value} value={value}>
                {option.text ? option.text(value) : value}
              </option>
            ))}
          </select>
        </label>
      ))}
      {isFiltered(filters) && (
        <button type="button" class="link" onClick={() => go({ filters: NO_FILTERS })}>
          Clear
        </button>
      )}
      {props.children}
    </search>
  );
}
