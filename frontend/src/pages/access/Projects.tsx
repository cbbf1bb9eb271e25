// The projects that you may see, their members, and what a maintainer may change of both.
import { Button, Checkbox, Group, NativeSelect, Stack, Table, Text, TextInput } from "@mantine/core";
import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import {
  createProject,
  getProject,
  listProjects,
  type Project,
  publishProject,
  ROLES,
  type Role,
  removeMember,
  setRole,
} from "../../api/access";
import { useRefusal, useRights } from "../../api/rights";
import { DisabledReason } from "../../ui/DisabledReason";
import { QueryView } from "../../ui/QueryView";
import { Refusal } from "../../ui/Refusal";
import { Section } from "../../ui/Section";
import { Unfold } from "../../ui/Unfold";

const projectsQuery = queryOptions({ queryKey: ["projects"], queryFn: listProjects });

export function Projects() {
  const refusal = useRefusal("submit");
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const create = useMutation({
    mutationFn: () => createProject(name.trim()),
    onSuccess: () => Promise.all([queries.invalidateQueries(), setName("")]),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <Section title="Projects">
      <QueryView query={useQuery(projectsQuery)} what="projects">
        {({ items }) => (
          <Stack gap="xs">
            {items.map((project) => (
              <Unfold key={project.name} title={titleOf(project)}>
                <Members project={project} />
              </Unfold>
            ))}
          </Stack>
        )}
      </QueryView>
      <form onSubmit={submit}>
        <Group align="end" mt="md">
          <TextInput
            label="Name of the new project"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <DisabledReason why={refusal}>
            <Button type="submit" variant="default" loading={create.isPending} disabled={!name.trim()}>
              Create project
            </Button>
          </DisabledReason>
        </Group>
        <Refusal error={create.error} />
      </form>
    </Section>
  );
}

const titleOf = ({ name, role, is_public }: Project) =>
  [name, role && `you are a ${role}`, is_public && "public"].filter(Boolean).join(" · ");

function Members({ project }: { project: Project }) {
  const { name } = project;
  const refusals = useRights([{ project: name }])?.refusals;
  const isManaged = refusals !== undefined && !refusals.manage;
  const queries = useQueryClient();
  const onSettled = () => queries.invalidateQueries();
  const query = useQuery({ queryKey: ["project", name], queryFn: () => getProject(name) });
  const give = useMutation({
    mutationFn: ({ person, role }: { person: string; role: Role }) => setRole(name, person, role),
    onSettled,
  });
  const take = useMutation({ mutationFn: (person: string) => removeMember(name, person), onSettled });
  const publish = useMutation({
    mutationFn: (isPublic: boolean) => publishProject(name, isPublic),
    onSettled,
  });
  return (
    <Stack gap="xs" pl="md">
      {project.about && <Text size="sm">{project.about}</Text>}
      {isManaged && (
        <Checkbox
          label="Public: everybody who can sign in may read what is in it"
          checked={project.is_public}
          onChange={(event) => publish.mutate(event.currentTarget.checked)}
        />
      )}
      <Refusal error={give.error ?? take.error ?? publish.error} />
      <QueryView query={query} what="members">
        {({ members }) => (
          <Table.ScrollContainer minWidth={340} type="native" tabIndex={0}>
            <Table aria-label={`members of ${name}`} maw={520}>
              <Table.Tbody>
                {members.map(({ person, role }) => (
                  <Table.Tr key={person}>
                    <Table.Td>{person}</Table.Td>
                    <Table.Td>
                      {isManaged ? (
                        <NativeSelect
                          aria-label={`role of ${person} in ${name}`}
                          data={[...ROLES]}
                          value={role}
                          onChange={(event) =>
                            give.mutate({ person, role: event.currentTarget.value as Role })
                          }
                        />
                      ) : (
                        role
                      )}
                    </Table.Td>
                    <Table.Td ta="right">
                      {isManaged && (
                        <Button
                          size="compact-xs"
                          variant="default"
                          aria-label={`remove ${person} from ${name}`}
                          onClick={() => take.mutate(person)}
                        >
                          Remove
                        </Button>
                      )}
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
      </QueryView>
      {refusals?.manage && (
        <Text size="xs" c="dimmed">
          {refusals.manage}
        </Text>
      )}
      {isManaged && <NewMember add={(person) => give.mutate({ person, role: "member" })} project={name} />}
    </Stack>
  );
}

function NewMember({ add, project }: { add: (person: string) => void; project: string }) {
  const [person, setPerson] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add(person.trim());
    setPerson("");
  };
  return (
    <form onSubmit={submit}>
      <Group align="end">
        <TextInput
          label={`Person to add to ${project}`}
          value={person}
          onChange={(event) => setPerson(event.currentTarget.value)}
        />
        <Button type="submit" variant="default" disabled={!person.trim()}>
          Add member
        </Button>
      </Group>
    </form>
  );
}
