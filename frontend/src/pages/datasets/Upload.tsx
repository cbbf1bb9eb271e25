// Uploads your own data set: an archive and a name, with a progress bar and the API's findings about a refused archive.
import { Alert, Button, Code, FileInput, Progress, Stack, Text, TextInput, Title } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { uploadDataset } from "../../api/datasets";
import { Problem } from "../../api/problem";
import { useRefusal } from "../../api/rights";
import { formatCount } from "../../units";
import { nameFrom } from "./name";

export function Upload() {
  const [file, setFile] = useState<File | null>(null);
  const [typed, setTyped] = useState<string>();
  const [sent, setSent] = useState(0);
  const queries = useQueryClient();
  const name = typed ?? (file ? nameFrom(file.name) : "");
  const upload = useMutation({
    mutationFn: (archive: File) => uploadDataset(name, archive, setSent),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["datasets"] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!file) return;
    setSent(0);
    upload.mutate(file);
  };
  const refusal = useRefusal("submit", [{ project: "default" }]);
  const missing = refusal
    ? refusal
    : !file
      ? "Choose an archive first."
      : name === ""
        ? "Enter a name."
        : undefined;
  return (
    <form onSubmit={submit} aria-label="upload a data set">
      <Stack gap="sm">
        <Title order={2}>Upload a data set</Title>
        <Text size="sm" c="dimmed">
          A zip, tar, tar.gz or tar.xz archive with <Code>train/&lt;class&gt;/…</Code> and{" "}
          <Code>test/&lt;class&gt;/…</Code>. For cifar networks, images are resized to 32×32. For detectors:
          boxes in VOC's layout (<Code>JPEGImages</Code>, <Code>Annotations</Code>,{" "}
          <Code>ImageSets/Main</Code>) or COCO's.
        </Text>
        <FileInput
          label="Archive"
          placeholder="Choose a file"
          accept=".zip,.tar,.tgz,.gz,.xz,.txz"
          value={file}
          onChange={(chosen) => {
            setFile(chosen);
            upload.reset();
          }}
          clearable
          clearButtonProps={{ "aria-label": "Remove the file" }}
        />
        <TextInput
          label="Name"
          description="Lower-case letters, digits, dots and dashes."
          value={name}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Button type="submit" loading={upload.isPending} disabled={missing !== undefined}>
          Upload
        </Button>
        {missing && (
          <Text size="xs" c="dimmed">
            {missing}
          </Text>
        )}
        {upload.isPending && <UploadProgress sent={sent} />}
        {upload.error && <Refusal error={upload.error} />}
        {upload.data && (
          <Alert color="teal" title={`${upload.data.name} has been uploaded`} role="status">
            {formatCount(upload.data.classes)} classes, {formatCount(upload.data.train_images)} training and{" "}
            {formatCount(upload.data.test_images)} test images.
            {upload.data.boxes?.warnings.map((warning) => (
              <div key={warning}>{warning}</div>
            ))}
          </Alert>
        )}
      </Stack>
    </form>
  );
}

function UploadProgress({ sent }: { sent: number }) {
  return (
    <>
      <Progress value={100 * sent} aria-label="upload progress" />
      <Text size="xs" c="dimmed" role="status">
        {sent < 1 ? `${Math.floor(100 * sent)} % sent` : "The service is checking the archive …"}
      </Text>
    </>
  );
}

function Refusal({ error }: { error: Error }) {
  const fields = error instanceof Problem ? error.fields : [];
  return (
    <Alert color="red" title="The archive was not accepted">
      {fields.length > 0
        ? fields.map(({ field, message }) => <div key={field + message}>{message}</div>)
        : error.message}
    </Alert>
  );
}
