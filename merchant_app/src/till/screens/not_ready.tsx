// Why the till cannot redeem now: not paired, locked, open twice, nothing to store in.
import type { ComponentChildren } from "preact";

import { Busy, Button, Screen } from "../parts.tsx";
import { reachable } from "../reach.ts";
import { refreshStanding, standing } from "../standing.ts";
import { say } from "../words.ts";

/** Says why, and what helps. */
export function NotReady({ takeOver }: { readonly takeOver: () => void }) {
  const now = standing.value;
  switch (now.kind) {
    case "not-paired":
      return (
        <Stop title={say("notPairedTitle")} text={say("notPairedText")}>
          <a class="kern-btn kern-btn--primary kern-btn--block" href="/kasse/koppeln">
            <span class="kern-label">{say("pair")}</span>
          </a>
        </Stop>
      );
    case "locked":
      return (
        <Stop title={say("lockedTitle")} text={now.reason}>
          <Button kind="primary" onClick={() => void refreshStanding()}>
            {say("again")}
          </Button>
        </Stop>
      );
    case "two":
      return (
        <Stop title={say("twoTitle")} text={say("twoText")}>
          <Button kind="primary" onClick={takeOver}>
            {say("twoTake")}
          </Button>
        </Stop>
      );
    case "store":
      return (
        <Stop title={say("storeTitle")} text={say("storeText")}>
          <Button kind="primary" onClick={() => location.reload()}>
            {say("reload")}
          </Button>
        </Stop>
      );
    case "broken":
      return (
        <Stop title={say("brokenTitle")} text={say("brokenText")}>
          <Button kind="primary" onClick={() => location.reload()}>
            {say("reload")}
          </Button>
        </Stop>
      );
    default:
      return (
        <main class="till-main" id="inhalt">
          {reachable.value ? (
            <Busy>{say("looking")}</Busy>
          ) : (
            <Stop title={say("offlineTitle")} text={say("offlineNo")}>
              <Button kind="primary" onClick={() => void refreshStanding()}>
                {say("again")}
              </Button>
            </Stop>
          )}
        </main>
      );
  }
}

function Stop(props: {
  readonly title: string;
  readonly text: string;
  readonly children: ComponentChildren;
}) {
  return (
    <main class="till-main" id="inhalt">
      <p class="till-mark">
        <img src="/favicon.svg" alt="" width="40" height="40" />
        {say("mark")}
      </p>
      <Screen name="stop" title={props.title}>
        <p class="kern-body kern-body--large">{props.text}</p>
        <div class="till-actions">{props.children}</div>
      </Screen>
    </main>
  );
}
