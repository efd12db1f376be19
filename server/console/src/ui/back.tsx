import { Link } from '../routing/navigation.tsx';
import { Icon } from './icon.tsx';

/** The way from one thing back to the list of all. */
export function Back({ href, children }: { href: string; children: string }) {
  return (
    <Link className="crumb" href={href}>
      <Icon name="back" size={16} />
      {children}
    </Link>
  );
}
