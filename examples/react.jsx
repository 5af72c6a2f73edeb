// React 19, which hands events of custom elements on by their names.
import "@mahlan/composer";
import { useState } from "react";

export function Comments({ endpoint, apiKey, authorKey, publish }) {
  const [comments, setComments] = useState([]);
  const post = ({ detail }) => {
    publish({ comment_id: detail.comment_id, revision: detail.revision, text: detail.text, author_key: authorKey });
    setComments((before) => [...before, detail]);
  };
  return (
    <>
      <mahlan-composer endpoint={endpoint} api-key={apiKey} author-key={authorKey} onmahlan-post={post} />
      <ul>{comments.map((comment) => <li key={comment.comment_id} dir="auto">{comment.text}</li>)}</ul>
    </>
  );
}
