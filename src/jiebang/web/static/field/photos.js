/* A photo made small before it is kept: its longer side 1,600 pixels, the most the city keeps anyway. Drawing it anew
   also leaves behind where and with what it was taken. */
import { digest } from "./seal.js";

const LONGEST_SIDE = 1600;
const QUALITY = 0.85;

export class NotAPhoto extends Error {}

export async function small(file) {
  const address = URL.createObjectURL(file);
  try {
    const picture = new Image();
    picture.src = address;
    await picture.decode();
    const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.naturalWidth, picture.naturalHeight));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(picture.naturalWidth * scale));
    canvas.height = Math.max(1, Math.round(picture.naturalHeight * scale));
    const paper = canvas.getContext("2d");
    paper.fillStyle = "#fff";
    paper.fillRect(0, 0, canvas.width, canvas.height);
    paper.drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
    if (!blob) throw new NotAPhoto();
    const bytes = await blob.arrayBuffer();
    return { bytes, id: (await digest(bytes)).slice(0, 16) };
  } catch {
    throw new NotAPhoto();
  } finally {
    URL.revokeObjectURL(address);
  }
}
