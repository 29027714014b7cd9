// A code typed by hand: look-alikes are put right while it is typed, and a slip is shown where
// it is.
import { useLayoutEffect, useRef, useState } from "preact/hooks";

import { completeSoFar, readTypedCode } from "../../token/typed_code.ts";
import { Button, Icon, Screen } from "../parts.tsx";
import { look } from "../paying.ts";
import { show } from "../view.ts";
import { say } from "../words.ts";

export function Type() {
  const [typed, setTyped] = useState("");
  const [error, setError] = useState("");
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => field.current?.focus(), []);

  function check(event: Event): void {
    event.preventDefault();
    const read = readTypedCode(typed);
    if ("code" in read) return void look({ code: typed });
    setError(
      read.position === null ? say("typeWrong") : say("typeWrongAt", { place: read.position + 1 }),
    );
  }

  function type(field: HTMLInputElement): void {
    const { text, position } = completeSoFar(field.value);
    const before = field.value.slice(0, field.selectionStart ?? field.value.length);
    const caret = completeSoFar(before).text.length;
    setTyped(text);
    setError(position === null ? "" : say("typeWrongAt", { place: position + 1 }));
    field.value = text; // at once, so that the caret can go where it belongs
    field.setSelectionRange(caret, caret);
  }

  return (
    <Screen name="type" title={say("typeTitle")}>
      <form class="till-form" noValidate onSubmit={check}>
        <div class={`kern-form-input ${error && "kern-form-input--error"}`}>
          <label class="kern-label" for="code">
            {say("typeLabel")}
          </label>
          <div class="kern-hint" id="code-hint">
            {say("typeHint")}
          </div>
          <input
            class="kern-form-input__input till-code"
            id="code"
            ref={field}
            type="text"
            inputMode="text"
            autoComplete="off"
            autoCapitalize="characters"
            spellcheck={false}
            aria-describedby="code-hint code-error"
            aria-invalid={error !== ""}
            value={typed}
            onInput={(event) => type(event.currentTarget)}
          />
          <p class="kern-error" id="code-error" role="alert" hidden={error === ""}>
            <Icon name="danger" />
            <span class="kern-body">{error}</span>
          </p>
        </div>
        <Button kind="primary" submit>
          {say("look")}
        </Button>
        <Button kind="tertiary" onClick={() => show({ name: "scan" })}>
          {say("back")}
        </Button>
      </form>
    </Screen>
  );
}
