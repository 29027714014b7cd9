// The till of shop staff: what it is made of is in src/till.
import "../till/main.tsx";
