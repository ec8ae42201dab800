"use strict";(self.rspackChunkdrydock=self.rspackChunkdrydock||[]).push([[700],{24(e,t,r){var a=r(25),n=r.n(a),o=r(26),c=(r.n(o))()(n());c.push([e.id,`/* What a prediction's answer looks like before the cell above it has run: see src/predictions.ts. */

.jp-Cell.drydock-answer-later .jp-Cell-inputWrapper {
  display: none;
}

.jp-Cell.drydock-answer-later::before {
  content: 'What happened? Run the cell above, and the answer appears here.';
  display: block;
  margin-inline-start: calc(var(--jp-cell-prompt-width) + var(--jp-cell-collapser-width));
  padding: 0.4em 0.8em;
  border-inline-start: 3px solid var(--jp-border-color1);
  color: var(--jp-ui-font-color2);
  font-style: italic;
}

.drydock-page > iframe {
  width: 100%;
  height: 100%;
  border: 0;
}

#drydock-home-button {
  align-self: center;
  padding: 0 8px;
  font: inherit;
  color: var(--jp-ui-font-color1);
}

/* Tabs of several exercises' files: see tabData in src/names.ts. */

.lm-TabBar-tab[data-drydock-task] .lm-TabBar-tabLabel::before {
  content: 'Task: ';
}

.lm-TabBar-tab[data-drydock-exercise] .lm-TabBar-tabLabel {
  flex: 0 0 auto;
}

.lm-TabBar-tab[data-drydock-exercise]::after {
  content: ' \xb7 ' attr(data-drydock-exercise);
  order: 1;
  flex: 1 1 0;
  overflow: hidden;
  white-space: pre;
  text-overflow: ellipsis;
  color: var(--jp-ui-font-color2);
}

.lm-TabBar-tab[data-drydock-exercise] .lm-TabBar-tabCloseIcon {
  order: 2;
}
`,""]),r.d(t,{},{A:c})},26(e){e.exports=function(e){var t=[];return t.toString=function(){return this.map(function(t){var r="",a=void 0!==t[5];return t[4]&&(r+="@supports (".concat(t[4],") {")),t[2]&&(r+="@media ".concat(t[2]," {")),a&&(r+="@layer".concat(t[5].length>0?" ".concat(t[5]):""," {")),r+=e(t),a&&(r+="}"),t[2]&&(r+="}"),t[4]&&(r+="}"),r}).join("")},t.i=function(e,r,a,n,o){"string"==typeof e&&(e=[[null,e,void 0]]);var c={};if(a)for(var s=0;s<this.length;s++){var i=this[s][0];null!=i&&(c[i]=!0)}for(var l=0;l<e.length;l++){var d=[].concat(e[l]);a&&c[d[0]]||(void 0!==o&&(void 0===d[5]||(d[1]="@layer".concat(d[5].length>0?" ".concat(d[5]):""," {").concat(d[1],"}")),d[5]=o),r&&(d[2]&&(d[1]="@media ".concat(d[2]," {").concat(d[1],"}")),d[2]=r),n&&(d[4]?(d[1]="@supports (".concat(d[4],") {").concat(d[1],"}"),d[4]=n):d[4]="".concat(n)),t.push(d))}},t}},25(e){e.exports=function(e){return e[1]}},18(e){var t=[];function r(e){for(var r=-1,a=0;a<t.length;a++)if(t[a].identifier===e){r=a;break}return r}function a(e,a){for(var n={},o=[],c=0;c<e.length;c++){var s=e[c],i=a.base?s[0]+a.base:s[0],l=n[i]||0,d="".concat(i," ").concat(l);n[i]=l+1;var p=r(d),u={css:s[1],media:s[2],sourceMap:s[3],supports:s[4],layer:s[5]};if(-1!==p)t[p].references++,t[p].updater(u);else{var f=function(e,t){var r=t.domAPI(t);return r.update(e),function(t){t?(t.css!==e.css||t.media!==e.media||t.sourceMap!==e.sourceMap||t.supports!==e.supports||t.layer!==e.layer)&&r.update(e=t):r.remove()}}(u,a);a.byIndex=c,t.splice(c,0,{identifier:d,updater:f,references:1})}o.push(d)}return o}e.exports=function(e,n){var o=a(e=e||[],n=n||{});return function(e){e=e||[];for(var c=0;c<o.length;c++){var s=r(o[c]);t[s].references--}for(var i=a(e,n),l=0;l<o.length;l++){var d=r(o[l]);0===t[d].references&&(t[d].updater(),t.splice(d,1))}o=i}}},20(e){var t={};e.exports=function(e,r){var a=function(e){if(void 0===t[e]){var r=document.querySelector(e);if(window.HTMLIFrameElement&&r instanceof window.HTMLIFrameElement)try{r=r.contentDocument.head}catch(e){r=null}t[e]=r}return t[e]}(e);if(!a)throw Error("Couldn't find a style target. This probably means that the value for the 'insert' parameter is invalid.");a.appendChild(r)}},22(e){e.exports=function(e){var t=document.createElement("style");return e.setAttributes(t,e.attributes),e.insert(t,e.options),t}},21(e,t,r){e.exports=function(e){var t=r.nc;t&&e.setAttribute("nonce",t)}},19(e){e.exports=function(e){if("u"<typeof document)return{update:function(){},remove:function(){}};var t=e.insertStyleElement(e);return{update:function(r){var a,n,o;a="",r.supports&&(a+="@supports (".concat(r.supports,") {")),r.media&&(a+="@media ".concat(r.media," {")),(n=void 0!==r.layer)&&(a+="@layer".concat(r.layer.length>0?" ".concat(r.layer):""," {")),a+=r.css,n&&(a+="}"),r.media&&(a+="}"),r.supports&&(a+="}"),(o=r.sourceMap)&&"u">typeof btoa&&(a+="\n/*# sourceMappingURL=data:application/json;base64,".concat(btoa(unescape(encodeURIComponent(JSON.stringify(o))))," */")),e.styleTagTransform(a,t,e.options)},remove:function(){var e;null===(e=t).parentNode||e.parentNode.removeChild(e)}}}},23(e){e.exports=function(e,t){if(t.styleSheet)t.styleSheet.cssText=e;else{for(;t.firstChild;)t.removeChild(t.firstChild);t.appendChild(document.createTextNode(e))}}},17(e,t,r){var a=r(18),n=r.n(a),o=r(19),c=r.n(o),s=r(20),i=r.n(s),l=r(21),d=r.n(l),p=r(22),u=r.n(p),f=r(23),v=r.n(f),h=r(24),m={};m.styleTagTransform=v(),m.setAttributes=d(),m.insert=i().bind(null,"head"),m.domAPI=c(),m.insertStyleElement=u(),n()(h.A,m),h.A&&h.A.locals&&h.A.locals}}]);