import type { Command, Option } from "commander";
import { commandsOf, PROTOCOLS } from "#scmi/registry.ts";
import { print } from "../output.ts";

const SHELLS = ["bash", "zsh", "fish"] as const;

/** A verb (`domain create`) and the words that may follow it. */
interface Entry {
  readonly path: string;
  readonly words: readonly { readonly word: string; readonly help: string }[];
}

export function addCompletion(program: Command): void {
  program
    .command("completion")
    .description("print a completion script for a shell: source <(scmictl completion bash)")
    .argument("<shell>", SHELLS.join(", "))
    .action(async (shell: string, _: unknown, command: Command) => {
      const entries = entriesOf(program, "");
      if (shell === "bash") await print(bash(entries));
      else if (shell === "zsh")
        await print(`#compdef scmictl\nautoload -U +X bashcompinit && bashcompinit\n${bash(entries)}`);
      else if (shell === "fish") await print(fish(entries));
      else command.error(`error: '${shell}' is none of ${SHELLS.join(", ")}`);
    });
}

function entriesOf(command: Command, path: string): Entry[] {
  const verbs = command.commands.map((verb) => ({ word: verb.name(), help: verb.description() }));
  const options = [...command.options, ...globals(command)].map(({ long, description }) => ({
    word: long ?? "",
    help: description,
  }));
  const below = command.commands.flatMap((verb) => entriesOf(verb, `${path} ${verb.name()}`.trim()));
  return [{ path, words: [...verbs, ...options, { word: "--help", help: "help" }] }, ...below];
}

/** Options of the commands above, which may follow every verb. */
function globals({ parent }: Command): Option[] {
  return parent === null ? [] : [...parent.options, ...globals(parent)];
}

/** Words of `scmi`: the protocols where one is due, and their messages behind each. */
const PROTOCOL_NAMES = PROTOCOLS.map(({ name }) => name).join(" ");
const MESSAGES = PROTOCOLS.map((table) => ({
  protocol: table.name,
  messages: commandsOf(table)
    .map(({ name }) => name)
    .join(" "),
}));

function bash(entries: readonly Entry[]): string {
  const cases = entries.map(
    ({ path, words }) => `    "${path}") words="${words.map(({ word }) => word).join(" ")}" ;;`,
  );
  return `# Completion of scmictl for bash.
_scmictl() {
  local verb="" words="" word i args=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    case "$word" in -*) continue ;; esac
    case " ${entries.map(({ path }) => path.replaceAll(" ", "/")).join(" ")} " in
      *" \${verb:+$verb/}$word "*) verb="\${verb:+$verb/}$word" ;;
      *) args+=("$word") ;;
    esac
  done
  case "\${verb//\\// }" in
${cases.join("\n")}
  esac
  if [ "$verb" = scmi ]; then
    case "\${#args[@]}" in
      1) words="${PROTOCOL_NAMES} $words" ;;
      2) case "\${args[1]}" in
${MESSAGES.map(({ protocol, messages }) => `        ${protocol}) words="${messages} $words" ;;`).join("\n")}
      esac ;;
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
  if [ \${#COMPREPLY[@]} -eq 0 ]; then COMPREPLY=($(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}")); fi
}
complete -o filenames -F _scmictl scmictl`;
}

function fish(entries: readonly Entry[]): string {
  const lines = entries.flatMap(({ path, words }) => {
    const verbs = path === "" ? [] : path.split(" ");
    const seen = verbs.map((verb) => `__fish_seen_subcommand_from ${verb}`).join("; and ");
    const condition = verbs.length === 0 ? "__fish_use_subcommand" : seen;
    return words.map(({ word, help }) => {
      const what = word.startsWith("--") ? `-l ${word.slice(2)}` : `-f -a ${word}`;
      return `complete -c scmictl -n '${condition}' ${what} -d '${help.replaceAll("'", "")}'`;
    });
  });
  const messages = MESSAGES.map(
    (of) =>
      `complete -c scmictl -n '__fish_seen_subcommand_from scmi; and __fish_seen_subcommand_from ${of.protocol}' -f -a '${of.messages}'`,
  );
  const protocols = `complete -c scmictl -n '__fish_seen_subcommand_from scmi; and not __fish_seen_subcommand_from ${PROTOCOL_NAMES}' -f -a '${PROTOCOL_NAMES}'`;
  return ["# Completion of scmictl for fish.", ...lines, protocols, ...messages].join("\n");
}
