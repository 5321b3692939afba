// Lines to paste into a shell: bash, dash and zsh take each as it stands, whatever a name or a password holds.

/** A word that no shell takes apart, looks into or remembers history by. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

const PLAIN = /^[\w@%+=:,./-]+$/;

function word(text: string): string {
  return PLAIN.test(text) ? text : quoted(text);
}

function tokenIn(answer: string, name: string): string {
  return `${answer} | sed 's/.*"${name}":"\\([^"]*\\)".*/\\1/'`;
}

/** Sign in and keep both tokens. The password is in no command line, where other processes could read it. */
export function obtainTokens(base: string, name: string): string {
  // One command for every shell: pasted lines are not taken for the password.
  return `TOKENS=$(
  trap 'stty echo' EXIT; trap 'exit 1' INT; stty -echo
  printf 'Password: ' >&2; IFS= read -r PASSWORD; echo >&2
  printf %s "$PASSWORD" | curl -s -c cookies.txt ${word(`${base}/api/auth/token/obtain/`)} \\
    --data-urlencode ${quoted(`username=${name}`)} --data-urlencode password@-
) &&
ACCESS=$(${tokenIn('printf %s "$TOKENS"', "access")}) &&
REFRESH=$(${tokenIn('printf %s "$TOKENS"', "refresh")})`;
}

export function refreshAccess(base: string): string {
  return `ACCESS=$(${tokenIn(`curl -s ${word(`${base}/api/auth/token/refresh/`)} -d "refresh=$REFRESH"`, "access")})`;
}

export function callWithBearer(base: string, token: string): string {
  return `curl -H "Authorization: Bearer ${token}" ${quoted(`${base}/api/photos/?page_size=1`)}`;
}

export function callWithBasic(base: string, name: string): string {
  return `curl -u ${word(name)} ${word(`${base}/api/albums/date/list/`)}`;
}
