// The links in the header.
import { Anchor, type AnchorProps, Text } from "@mantine/core";
import { createLink } from "@tanstack/react-router";
import type { AnchorHTMLAttributes } from "react";

type Props = AnchorProps & Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof AnchorProps>;

/** A link to a page; the current page's link has aria-current="page". */
export const NavLink = createLink((props: AnchorHTMLAttributes<HTMLAnchorElement>) => (
  <a {...props} className="page-link" />
));

export const Brand = createLink(({ children, ...props }: Props) => (
  <Anchor
    fz="1.25rem"
    ff="var(--reslab-serif)"
    fw={500}
    c="inherit"
    underline="never"
    aria-label="Reslab"
    style={{ whiteSpace: "nowrap" }}
    {...props}
  >
    <svg width="20" height="20" viewBox="0 0 32 32" aria-hidden="true" style={{ verticalAlign: "-3px" }}>
      <rect width="32" height="32" rx="7" fill="#3445cf" />
      <path
        d="M5 8 L9 15 L15 18.5 L15.5 23 L21 24 L21.5 25.5 L27 25.7"
        fill="none"
        stroke="#fff"
        strokeWidth="2.6"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
    <Text span inherit ml={8} visibleFrom="xs">
      {children}
    </Text>
  </Anchor>
));
