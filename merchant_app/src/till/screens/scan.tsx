// The first screen: the camera, waiting for a voucher.
import { useEffect, useRef } from "preact/hooks";

import { euro } from "../money.ts";
import { Button, Notice, Screen } from "../parts.tsx";
import { nextCustomer, sale, scanned } from "../paying.ts";
import { isOpen } from "../sale.ts";
import {
  camera,
  cameras,
  chooseCamera,
  startCamera,
  stopCamera,
  torch,
  turnTorch,
  type Trouble,
} from "../scan/camera.ts";
import { show } from "../view.ts";
import { say } from "../words.ts";

const TROUBLES = {
  refused: ["cameraRefused", "cameraRefusedHelp"],
  missing: ["cameraMissing", "cameraMissingHelp"],
  busy: ["cameraBusy", "cameraBusyHelp"],
  reader: ["cameraReader", "cameraReaderHelp"],
} as const;

export function Scan() {
  const video = useRef<HTMLVideoElement>(null);
  const start = (): void => {
    if (video.current) void startCamera(video.current, (text) => void scanned(text));
  };
  useEffect(() => {
    start();
    const onVisibility = (): void => (document.hidden ? stopCamera() : start());
    document.addEventListener("visibilitychange", onVisibility);
    return () => {
      document.removeEventListener("visibilitychange", onVisibility);
      stopCamera();
    };
  }, []);

  const state = camera.value;
  return (
    <Screen name="scan" title={say("scanTitle")} hideTitle>
      {isOpen(sale.value) && (
        <div class="till-open" role="status">
          <p class="till-open__amount">
            {say("scanOpen", { amount: euro(sale.value.openCents ?? 0) })}
          </p>
          <Button kind="tertiary" block={false} onClick={nextCustomer}>
            {say("otherwise")}
          </Button>
        </div>
      )}
      <div class={`till-camera till-camera--${state.kind}`}>
        <video ref={video} muted playsInline aria-hidden="true" />
        {state.kind === "on" && <div class="till-camera__frame" aria-hidden="true" />}
        {state.kind === "starting" && <p class="till-camera__words">{say("starting")}</p>}
        {state.kind === "trouble" && <CameraTrouble trouble={state.trouble} again={start} />}
      </div>
      <p class="kern-body till-hint">{say("scanHint")}</p>
      <div class="till-actions">
        <Button icon="edit" onClick={() => show({ name: "type" })}>
          {say("type")}
        </Button>
        {torch.value !== null && (
          <Button onClick={() => void turnTorch(torch.value === false)}>
            {say(torch.value ? "torchOff" : "torchOn")}
          </Button>
        )}
        {cameras.value.length > 1 && <CameraChoice again={start} />}
      </div>
    </Screen>
  );
}

function CameraTrouble(props: { readonly trouble: Trouble; readonly again: () => void }) {
  const [title, help] = TROUBLES[props.trouble];
  return (
    <div class="till-camera__trouble">
      <Notice kind="warning" title={say(title)}>
        <p class="kern-body">{say(help)}</p>
      </Notice>
      <Button onClick={props.again}>{say("again")}</Button>
    </div>
  );
}

function CameraChoice({ again }: { readonly again: () => void }) {
  return (
    <label class="till-choice">
      <span class="kern-label">{say("camera")}</span>
      <span class="kern-form-input__select-wrapper">
        <select
          class="kern-form-input__select"
          onChange={(event) => void chooseCamera(event.currentTarget.value).then(again)}
        >
          {cameras.value.map(({ deviceId, label }, index) => (
            <option key={deviceId} value={deviceId}>
              {label || say("cameraNumber", { number: index + 1 })}
            </option>
          ))}
        </select>
      </span>
    </label>
  );
}
