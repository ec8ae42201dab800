import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  chapterNumber, chapterOf, drillsOf, exerciseFile, exerciseOf, HOME, MAP, pageCaption, pageLabel, pageNamed, pageOf, tabData
} from '../src/names.js';

test('a path tells its exercise, wherever the work folder is', () => {
  const task = exerciseFile('work/exercises/05-first/05-first.ipynb');
  assert.deepEqual(task, { exercise: '05-first', folder: 'work/exercises/05-first', name: '05-first.ipynb', isTask: true });
  const file = exerciseFile('exercises/06-non-root/app/main.py');
  assert.deepEqual(file, { exercise: '06-non-root', folder: 'exercises/06-non-root', name: 'app/main.py', isTask: false });
  for (const path of ['exercises/readme.md', 'exercises/05-first', 'my-exercises/05-first/x', 'course/05-the-dockerfile.ipynb', '']) {
    assert.equal(exerciseFile(path), null, path);
  }
});

test('another notebook in the folder is not the task', () => {
  assert.equal(exerciseFile('exercises/05-first/notes.ipynb')?.isTask, false);
});

test('a chapter is known by its path', () => {
  assert.equal(chapterNumber('course/05-the-dockerfile.ipynb'), '05');
  assert.equal(chapterNumber('course/notes.ipynb'), null);
  assert.equal(chapterNumber('exercises/05-first/05-first.ipynb'), null);
});

test('pages and exercises lead to each other', () => {
  assert.equal(exerciseOf(pageOf('05-first')), '05-first');
  assert.equal(exerciseOf(HOME), null);
  assert.equal(pageNamed('drydock:home'), HOME);
  assert.equal(pageNamed('drydock:exercise/05-first'), 'exercise/05-first');
  for (const link of ['drydock:', 'drydock:exercise/../api', 'drydock:exercise/05-first/x', 'course/01.ipynb']) {
    assert.equal(pageNamed(link), null, link);
  }
});

test('a page of drills is known by its chapter, and named by a link', () => {
  assert.equal(chapterOf(drillsOf('02')), '02');
  assert.equal(chapterOf(pageOf('05-first')), null);
  assert.equal(exerciseOf(drillsOf('02')), null);
  assert.equal(pageNamed('drydock:drills/02'), 'drills/02');
  assert.equal(pageNamed('drydock:drills/2'), null);
  assert.notEqual(pageLabel(drillsOf('02')), pageLabel(HOME));
  assert.match(pageCaption(drillsOf('02')), /chapter 02/);
});

test('the map is a page that a link names', () => {
  assert.equal(pageNamed('drydock:map'), MAP);
  assert.equal(exerciseOf(MAP), null);
  assert.equal(chapterOf(MAP), null);
  assert.notEqual(pageLabel(MAP), pageLabel(HOME));
  assert.notEqual(pageCaption(MAP), pageCaption(HOME));
});

test('tabs of one exercise, and of two, can be told apart', () => {
  const shown = (path: string) => {
    const file = exerciseFile(path)!;
    const data = tabData(file);
    return `${data['drydock-task'] ? 'Task: ' : ''}${file.name}${data['drydock-exercise'] ?? ''}`;
  };
  const labels = ['05-first/05-first.ipynb', '05-first/Dockerfile', '06-other/Dockerfile'].map(one => shown(`exercises/${one}`));
  labels.push(pageLabel('exercise/05-first'), pageLabel(HOME));
  assert.equal(new Set(labels).size, labels.length);
  assert.equal(new Set(labels.slice(0, 2).map(label => label.slice(0, 6))).size, 2);
});
