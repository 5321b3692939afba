// The other people of this server.

import { call, type Schemas } from "./api";
import { session } from "./session.svelte";

export type Person = Schemas["ListedUser"];

export async function listPeople(): Promise<Person[]> {
  const found = await call<{ results: Person[] }>("/api/user/");
  return found.results.filter((person) => person.id !== session.user?.id);
}

export function nameOf(person: { first_name: string; last_name: string; username: string }): string {
  return [person.first_name, person.last_name].filter(Boolean).join(" ") || person.username;
}
